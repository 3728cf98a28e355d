import { parseArgs } from 'node:util';
import { isShapeName, type ShapeName } from './shapes.ts';

export interface Options {
  readonly shapes: readonly ShapeName[];
  readonly rounds: number;
  readonly seconds: number;
  readonly joins: number; // 0: not measured
  readonly cores: boolean; // one room on two media workers, too
  readonly gro: boolean;
  readonly noGso: boolean;
  readonly json: boolean;
  readonly check: boolean;
}

export class UsageError extends Error {}

export const HELP = `npm run bench -- [OPTIONS]

  --shapes A,B,C   what is sent to how many; default: all
  --rounds N       of each, limit and server in turn; the median counts; default 3
  --seconds N      of each measurement, after a second of warm-up; default 10
  --joins N        people who join one after the other; default 50; 0: not measured
  --cores          one room (shape A) on two media workers as well
  --gro            viewers take many datagrams in one, as behind a network card that coalesces
  --no-gso         measures the limit with one packet a send as well
  --json           JSON on stdout, the table on stderr
  --check          exit code 1 if a bar is missed`;

/** `undefined`: help was asked for. */
export function readOptions(args: readonly string[]): Options | undefined {
  const values = parse(args);
  if (values.help === true) return undefined;
  const shapes = values.shapes.split(',').filter(name => name !== '');
  const unknown = shapes.find(name => !isShapeName(name));
  if (unknown !== undefined) throw new UsageError(`There is no shape ${JSON.stringify(unknown)}. There are A, B and C.`);
  return {
    shapes: shapes.filter(isShapeName),
    rounds: whole('rounds', values.rounds, 1, 99),
    seconds: whole('seconds', values.seconds, 1, 600),
    joins: whole('joins', values.joins, 0, 1_000),
    cores: values.cores,
    gro: values.gro,
    noGso: values['no-gso'],
    json: values.json,
    check: values.check,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowNegative: false,
      options: {
        shapes: { type: 'string', default: 'A,B,C' },
        rounds: { type: 'string', default: '3' },
        seconds: { type: 'string', default: '10' },
        joins: { type: 'string', default: '50' },
        cores: { type: 'boolean', default: false },
        gro: { type: 'boolean', default: false },
        'no-gso': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        check: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function whole(name: string, value: string, min: number, max: number): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= min && number <= max && value.trim() !== '') return number;
  throw new UsageError(`--${name} must be a whole number from ${min} to ${max}, not ${JSON.stringify(value)}.`);
}
