import { OnRoomEvent, type RoomEvent } from '@aqlinks/nestjs';
import { Injectable } from '@nestjs/common';

/** Who was in which room, from what the server tells. In memory: yours would be a table. */
@Injectable()
export class AttendanceService {
  private readonly rooms = new Map<string, string[]>();

  @OnRoomEvent('participant.joined')
  joined({ data: { room, participant } }: RoomEvent<'participant.joined'>): void {
    this.note(room, `${participant.name} joined as ${participant.role}`);
  }

  @OnRoomEvent('participant.left')
  left({ data: { room, participant, reason } }: RoomEvent<'participant.left'>): void {
    this.note(room, `${participant.name} left: ${reason}`);
  }

  of(room: string): readonly string[] {
    return this.rooms.get(room) ?? [];
  }

  private note(room: string, line: string): void {
    this.rooms.set(room, [...this.of(room), line]);
  }
}
