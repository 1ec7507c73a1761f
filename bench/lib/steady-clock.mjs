/**
 * For `--import`: a clock that goes on by a microsecond whenever it is read, so that what greenlets do by the clock (give
 * the event loop its turn after 5 ms) they do at the same moments in every run, however slow.
 */
let microseconds = 0;
process.hrtime = () => [0, ++microseconds * 1000];
