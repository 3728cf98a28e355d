import { AqlinksModule } from '@aqlinks/nestjs';
import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { AttendanceController } from './attendance.controller.ts';
import { AttendanceService } from './attendance.service.ts';
import { setting } from './setting.ts';
import { WebrtcController } from './webrtc.controller.ts';

@Module({
  imports: [
    JwtModule.registerAsync({ useFactory: () => ({ secret: setting('JWT_SECRET'), signOptions: { algorithm: 'HS256' } }) }),
    AqlinksModule.forRootAsync({
      useFactory: () => ({
        url: process.env.AQLINKS_URL ?? 'http://localhost:8080',
        secret: setting('JWT_SECRET'),
        ...(process.env.AQLINKS_API_KEY && { key: process.env.AQLINKS_API_KEY }),
        ...(process.env.AQLINKS_WEBHOOK_SECRET && { webhookSecret: process.env.AQLINKS_WEBHOOK_SECRET }),
      }),
    }),
  ],
  controllers: [WebrtcController, AttendanceController],
  providers: [AttendanceService],
})
export class AppModule {}
