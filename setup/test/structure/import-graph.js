import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path/posix';
import { inRoot } from '../../paths.js';
import { FILES, isTypeScript, read } from '../tree.js';

const STATEMENT = /^\s*(?:import|export)\b(?:[^'";]*?\bfrom)?\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm;

/** @typedef {{ from: string, specifier: string, to: string | undefined }} Import `to`: the file of ours that is meant, if it is one */

/** @type {Map<string, string>} package name → folder */
const WORKSPACES = new Map(
  JSON.parse(readFileSync(inRoot('package.json'), 'utf8')).workspaces.map((/** @type {string} */ folder) => [
    JSON.parse(read(`${folder}/package.json`)).name,
    folder,
  ]),
);

/** @param {string} from @param {string} specifier */
function resolve(from, specifier) {
  if (specifier.startsWith('.')) return normalize(join(dirname(from), specifier));
  for (const [name, folder] of WORKSPACES) {
    if (specifier === name) return `${folder}/src/index.ts`;
    if (specifier.startsWith(`${name}/`)) return `${folder}/${specifier.slice(name.length + 1)}`;
  }
  return undefined;
}

/** @param {string} path @param {string} source @returns {Import[]} */
export function importsIn(path, source) {
  return [...source.matchAll(STATEMENT)].map(([, statement, dynamic]) => {
    const specifier = statement ?? dynamic ?? '';
    return { from: path, specifier, to: resolve(path, specifier) };
  });
}

/** Every import of every TypeScript file. */
export const IMPORTS = FILES.filter(isTypeScript).flatMap(path => importsIn(path, read(path)));

/**
 * The first circle found, as the files on it, or undefined.
 * @param {readonly Import[]} imports
 * @returns {string[] | undefined}
 */
export function findCycle(imports) {
  /** @type {Map<string, string[]>} */
  const edges = new Map();
  for (const { from, to } of imports) if (to !== undefined) edges.set(from, [...(edges.get(from) ?? []), to]);
  const done = new Set();
  /** @type {string[]} */
  const path = [];
  /** @param {string} file @returns {string[] | undefined} */
  const visit = file => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    path.push(file);
    for (const next of edges.get(file) ?? []) {
      const cycle = visit(next);
      if (cycle !== undefined) return cycle;
    }
    path.pop();
    done.add(file);
    return undefined;
  };
  for (const file of edges.keys()) {
    const cycle = visit(file);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
