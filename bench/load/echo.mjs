/** `echo.mjs <port> <ms>`: 64 connections, each of which sends a line whenever it has its last one back. */
import { exchangeLines } from './lines.mjs';

await exchangeLines({ connections: 64, senders: 64, linesBack: 1 });
