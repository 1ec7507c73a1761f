const Fiber = require('greenlets/fibers');

module.exports = Fiber.default ?? Fiber; // Node 22.12 gives a namespace, later ones the class itself
