import { AqlinksService } from '@aqlinks/nestjs';
import { Controller, Get, Param, UseGuards } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { CurrentUser, type User, UserGuard } from './user.guard.ts';

@Controller('api/webrtc')
@UseGuards(UserGuard)
export class WebrtcController {
  constructor(
    private readonly jwtService: JwtService,
    private readonly aqlinks: AqlinksService,
  ) {}

  /** What the page asks before it joins. Decide here whether this user may enter this room, and as what. */
  @Get('token/:room')
  token(@Param('room') roomId: string, @CurrentUser() { id: userId, name, email: userEmail }: User): { wsUrl: string } {
    const token = this.jwtService.sign(
      {
        user_id: userId,
        name,
        email: userEmail,
        room: roomId,
        user_type: 'host',
      },
      { expiresIn: '24h' },
    );
    return { wsUrl: this.aqlinks.socketUrl(token) };
  }

  /** The same in one call, with an API key and an id by which the token can be taken back. */
  @Get('invitation/:room')
  async invitation(@Param('room') room: string, @CurrentUser() { id, name }: User): Promise<{ wsUrl: string; jti: string }> {
    const { wsUrl, jti } = await this.aqlinks.invite({ user_id: id, name, room, user_type: 'guest' }, { ttl: 600 });
    return { wsUrl, jti };
  }
}
