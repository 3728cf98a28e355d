import type { Api } from '@aqlinks/backend';

/** `--NAME VALUE`, or `--NAME` alone where it takes none. */
export interface Option {
  readonly value?: string; // what stands for it in the help
  readonly summary: string;
}

/** What a verb works with. */
export interface Asked {
  readonly api: Api;
  readonly json: boolean;
  /** By its name in `args`; it is there. */
  arg(name: string): string;
  option(name: string): string | undefined;
}

/** One thing that can be asked of a running server. */
export interface Verb {
  readonly summary: string;
  readonly args?: readonly string[]; // all of them must be there
  readonly options?: Readonly<Record<string, Option>>;
  readonly examples?: readonly string[];
  /** Resolves with the exit code. */
  run(asked: Asked): Promise<number>;
}

/** Verbs about one kind of thing: `aqlinks rooms create`. */
export interface Noun {
  readonly summary: string;
  readonly verbs: Readonly<Record<string, Verb>>;
}
