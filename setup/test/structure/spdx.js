/**
 * Whether an SPDX licence expression (ISO/IEC 5962 annex D) can be met with these licences alone. `MIT/Apache-2.0` is the old
 * way of crates to write OR.
 * @param {string} expression
 * @param {ReadonlySet<string>} allowed
 * @returns {boolean}
 */
export function isMetBy(expression, allowed) {
  const tokens = expression.replaceAll('/', ' OR ').match(/[()]|[^\s()]+/g) ?? [];
  let next = 0;
  const either = () => {
    let met = both();
    while (tokens[next] === 'OR') {
      next += 1;
      met = both() || met;
    }
    return met;
  };
  const both = () => {
    let met = one();
    while (tokens[next] === 'AND') {
      next += 1;
      met = one() && met;
    }
    return met;
  };
  /** @returns {boolean} */
  const one = () => {
    if (tokens[next] === '(') {
      next += 1;
      const met = either();
      next += 1;
      return met;
    }
    let licence = tokens[next] ?? '';
    next += 1;
    if (tokens[next] === 'WITH') {
      licence += ` WITH ${tokens[next + 1]}`;
      next += 2;
    }
    return allowed.has(licence);
  };
  return either() && next === tokens.length;
}
