/** Of the environment. */
export function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`Set ${name}: README.md says to what.`);
  return value;
}
