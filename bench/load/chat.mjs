/** `chat.mjs <port> <ms>`: 100 connections in one room, 10 of which send a line whenever they have those of all ten. */
import { exchangeLines } from './lines.mjs';

await exchangeLines({ connections: 100, senders: 10, linesBack: 10 });
