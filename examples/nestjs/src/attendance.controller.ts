import { AqlinksService } from '@aqlinks/nestjs';
import { Controller, Get, Param, UseGuards } from '@nestjs/common';
import { AttendanceService } from './attendance.service.ts';
import { UserGuard } from './user.guard.ts';

@Controller('api/rooms/:room')
@UseGuards(UserGuard)
export class AttendanceController {
  constructor(
    private readonly attendance: AttendanceService,
    private readonly aqlinks: AqlinksService,
  ) {}

  /** From the webhooks. */
  @Get('attendance')
  list(@Param('room') room: string): readonly string[] {
    return this.attendance.of(room);
  }

  /** From the REST interface: who is in now. */
  @Get('participants')
  async participants(@Param('room') room: string): Promise<readonly string[]> {
    const { items } = await this.aqlinks.api.listParticipants({ params: { room } });
    return items.map(({ name }) => name);
  }
}
