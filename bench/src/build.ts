import { start } from './child.ts';

export interface Binaries {
  readonly load: string;
  readonly limit: string;
}

/** Builds the load generator and the limit with all optimisations and tells where they are. */
export async function build(root: string): Promise<Binaries> {
  const args = ['build', '--release', '--package', 'aqlinks-load', '--bins', '--message-format', 'json-render-diagnostics'];
  const output = await start({ command: 'cargo', args, cwd: root }).output(1_800);
  const paths = new Map(output.split('\n').flatMap(line => executable(line)));
  const [load, limit] = [paths.get('load'), paths.get('limit')];
  if (load === undefined || limit === undefined) throw new Error('cargo built no load generator. Try: cargo build --release');
  return { load, limit };
}

interface Artifact {
  readonly reason: string;
  readonly executable: string | null;
  readonly target: { readonly name: string };
}

function executable(line: string): [string, string][] {
  if (!line.startsWith('{')) return [];
  const message = JSON.parse(line) as Artifact;
  if (message.reason !== 'compiler-artifact' || message.executable === null) return [];
  return [[message.target.name, message.executable]];
}
