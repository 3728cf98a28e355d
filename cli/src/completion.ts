import type { Command } from './command.ts';
import { optionsOf } from './noun.ts';
import type { Noun } from './verb.ts';

/** What the command line understands. */
export interface Words {
  readonly commands: ReadonlyMap<string, Command>;
  readonly nouns: ReadonlyMap<string, Noun>;
}

/** What may stand after some words: `keys` → its verbs, `keys create` → its options. */
function candidates({ commands, nouns }: Words): Map<string, readonly string[]> {
  const after = new Map<string, readonly string[]>();
  after.set('', [...commands.keys(), ...nouns.keys(), 'completion', 'help']);
  after.set('completion', SHELLS);
  for (const [name, { options }] of commands) after.set(name, Object.keys(options).map(flag));
  for (const [name, { verbs }] of nouns) {
    after.set(name, Object.keys(verbs));
    for (const [verb, each] of Object.entries(verbs)) after.set(`${name} ${verb}`, Object.keys(optionsOf(each)).map(flag));
  }
  return after;
}

const flag = (name: string) => `--${name}`;

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A script that teaches a shell what may come next. It asks nobody: it holds all of it. */
export function completionScript(shell: Shell, words: Words): string {
  switch (shell) {
    case 'bash':
      return bash(words);
    case 'zsh':
      return `#compdef aqlinks\nautoload -U +X bashcompinit && bashcompinit\n${bash(words)}`;
    case 'fish':
      return fish(words);
  }
}

function bash(words: Words): string {
  const cases = [...candidates(words)].map(([before, next]) => `    "${before}") next="${next.join(' ')}" ;;`);
  return `# aqlinks: completion. Use it with: source <(aqlinks completion bash)
_aqlinks() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="" next="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) break ;; esac
    case "$before" in *" "*) break ;; esac # a noun and a verb: what follows is theirs
    before="\${before:+$before }$word"
  done
  case "$before" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$next" -- "$current"))
}
complete -o default -F _aqlinks aqlinks
`;
}

function fish({ commands, nouns }: Words): string {
  const lines = ['# aqlinks: completion. Use it with: aqlinks completion fish | source', 'complete -c aqlinks -f'];
  const offer = (condition: string, word: string, summary: string) =>
    lines.push(`complete -c aqlinks -n '${condition}' -a '${word}' -d ${quoted(summary)}`);
  const offerFlags = (condition: string, names: readonly string[]) => {
    for (const name of names) lines.push(`complete -c aqlinks -n '${condition}' -l '${name}'`);
  };
  for (const [name, { summary, options }] of commands) {
    offer('__fish_use_subcommand', name, summary);
    offerFlags(`__fish_seen_subcommand_from ${name}`, Object.keys(options));
  }
  for (const [name, { summary, verbs }] of nouns) {
    offer('__fish_use_subcommand', name, summary);
    const names = Object.keys(verbs).join(' ');
    for (const [verb, each] of Object.entries(verbs)) {
      offer(`__fish_seen_subcommand_from ${name}; and not __fish_seen_subcommand_from ${names}`, verb, each.summary);
      offerFlags(`__fish_seen_subcommand_from ${name}; and __fish_seen_subcommand_from ${verb}`, Object.keys(optionsOf(each)));
    }
  }
  return `${lines.join('\n')}\n`;
}

const quoted = (text: string) => `'${text.replace(/['\\]/g, '\\$&')}'`;
