/** As the schemas have moments, from milliseconds since 1970. */
export const timeOf = (ms: number) => new Date(ms).toISOString();

export const timeOrNull = (ms: number | undefined) => (ms === undefined ? null : timeOf(ms));

export const msOf = (time: string | undefined) => (time === undefined ? undefined : Date.parse(time));
