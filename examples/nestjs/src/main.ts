import 'reflect-metadata';
import { fileURLToPath } from 'node:url';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.ts';

// `rawBody`: the signature of a webhook covers its body byte by byte.
const app = await NestFactory.create<NestExpressApplication>(AppModule, { rawBody: true });
app.useStaticAssets(fileURLToPath(new URL('../public', import.meta.url)));
app.enableShutdownHooks();
await app.listen(process.env.PORT ?? 3000);
console.log(`The page is at ${await app.getUrl()}`);
