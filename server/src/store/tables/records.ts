/** Rows of the audit log, of the webhooks and of the rooms' past. */

export interface AuditRow {
  readonly seq: number; // from 1, without gaps
  readonly id: string; // random
  readonly at: number;
  readonly action: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly project: string;
  readonly key: string | null;
  readonly jti: string | null;
  readonly user_id: string | null;
  readonly room: string | null;
  readonly address: string | null;
  readonly user_agent: string | null;
  readonly details: string | null; // canonical JSON
  readonly hash: string;
}

/** Both ends of the one chain of this database: what was removed in front, and the last entry. */
export interface AuditChainRow {
  readonly id: string;
  readonly anchor_seq: number;
  readonly anchor_hash: string;
  readonly head_seq: number;
  readonly head_hash: string;
  readonly seal: string | null; // made with the master key over the four
}

export interface WebhookRow {
  readonly id: string;
  readonly project: string;
  readonly url: string;
  readonly events: string; // JSON of the names; none: all
  readonly description: string;
  readonly active: number; // 1 or 0
  readonly secret: string; // sealed, as the next one
  readonly previous_secret: string | null;
  readonly previous_until: number | null;
  readonly failing_since: number | null;
  readonly disabled_reason: string | null;
  readonly dropped: number; // events for which there was no more place
  readonly created_at: number;
  readonly updated_at: number;
}

/** The events of one lane reach one endpoint one after the other. It is there while something waits in it. */
export interface LaneRow {
  readonly id: string; // of endpoint and name
  readonly webhook: string;
  readonly waiting: number; // deliveries
  readonly next_at: number; // by the clock of the database
  readonly leased_by: string | null; // who delivers just now
  readonly leased_until: number; // by the clock of the database
}

export interface DeliveryRow {
  readonly seq: number; // in the order in which they are to arrive
  readonly id: string;
  readonly event: string; // the `webhook-id`
  readonly webhook: string;
  readonly lane: string;
  readonly type: string;
  readonly room: string | null;
  readonly payload: string;
  readonly state: string; // `DeliveryState`
  readonly attempts: number;
  readonly next_at: number | null;
  readonly status: number | null;
  readonly error: string | null;
  readonly created_at: number;
  readonly finished_at: number | null;
}

export interface RoomSessionRow {
  readonly id: string;
  readonly project: string;
  readonly room: string;
  readonly server: string;
  readonly started_at: number;
  readonly ended_at: number | null;
  readonly participants: number; // stays
  readonly present: number;
  readonly peak: number;
}

export interface StayRow {
  readonly id: string; // of session and participant
  readonly session: string;
  readonly participant: string;
  readonly project: string;
  readonly room: string;
  readonly user_id: string;
  readonly name: string;
  readonly role: string;
  readonly joined_at: number;
  readonly left_at: number | null;
  readonly reason: string | null;
}

/** A running server. Its beat goes on while it lives and reaches the database. */
export interface ServerRow {
  readonly id: string;
  readonly beat: number;
  readonly seen_at: number;
}
