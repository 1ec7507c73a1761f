// Loaded before a suite that requires node:test: gives it greenlets/test in its place.
const Module = require('node:module');
const { test } = require('greenlets/test');

const load = Module._load;
Module._load = function (request, ...rest) {
  return request === 'node:test' ? test : load.call(this, request, ...rest);
};
