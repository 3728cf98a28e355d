/** User types that the page offers; a token may carry others. */
export const USER_TYPES = ['host', 'presenter', 'guest', 'viewer'] as const;
export type UserType = (typeof USER_TYPES)[number];

/** Who joins what: by a token that somebody else made, or by one that a server under development makes for the asking. */
export type Seat =
  | { readonly by: 'token'; readonly token: string; readonly room: string | undefined; readonly name: string | undefined }
  | { readonly by: 'form'; readonly room: string; readonly name: string; readonly userType: UserType };

/** A viewer watches: nothing of them is captured. */
export const watchesOnly = (seat: Seat) => seat.by === 'form' && seat.userType === 'viewer';
