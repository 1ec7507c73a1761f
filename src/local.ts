export { Local } from './sync/local.ts';
