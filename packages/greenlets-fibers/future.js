const Future = require('greenlets/fibers/future');

module.exports = Future.default ?? Future; // Node 22.12 gives a namespace, later ones the class itself
