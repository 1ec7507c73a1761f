// greenlets/backdoor: a REPL in the live process.
export { BlockingSwitchOutError, GreenletError } from './errors.ts';
export { type BackdoorOptions, BackdoorServer } from './observe/backdoor-server.ts';
