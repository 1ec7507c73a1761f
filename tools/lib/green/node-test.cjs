// Loaded before a suite that requires node:test: gives it greenlets/test in its place.
const Module = require('node:module');
const nodeTest = require('node:test');
const green = require('greenlets/test');

const dropIn = Object.assign(green.test, { ...nodeTest, ...green });
const load = Module._load;
Module._load = function (request, ...rest) {
  return request === 'node:test' ? dropIn : load.call(this, request, ...rest);
};
