/** Preloaded, lets a program end, as by Ctrl-C, when the one that has started it is gone: even killed by a signal. */
process.once('disconnect', () => process.kill(process.pid, 'SIGINT'));
process.channel?.unref();
