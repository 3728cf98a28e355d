import { USER_TYPES, type UserType } from './seat.ts';

/** What the form and the device menus remember from last time, in this browser. */
export interface Remembered {
  readonly room?: string;
  readonly name?: string;
  readonly userType?: UserType;
  readonly camera?: string; // device ids
  readonly microphone?: string;
  readonly speaker?: string;
}

const KEY = 'aqlinks';

/** Storage may be switched off, or hold what another version wrote. */
export function recall(): Remembered {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    if (typeof stored !== 'object' || stored === null) return {};
    const strings = Object.entries(stored).filter(([, value]) => typeof value === 'string');
    const { userType, ...rest } = Object.fromEntries(strings) as Remembered;
    return userType !== undefined && USER_TYPES.includes(userType) ? { ...rest, userType } : rest;
  } catch {
    return {};
  }
}

export function remember(changes: Remembered): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...recall(), ...changes }));
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}
