/** What does not move: the floor, the edge, the rocks. */
import { random } from './chance.js';

const GRID = 80;

export class Ground {
  #size;
  #rocks;

  constructor(size, rocks) {
    this.#size = size;
    this.#rocks = rocks.map((rock) => ({ ...rock, ...shape(rock) }));
  }

  draw(context, camera) {
    this.#drawGrid(context, camera);
    for (const rock of this.#rocks) if (isSeen(rock, camera)) drawRock(context, rock);
    context.strokeStyle = 'rgb(79 216 255 / 18%)';
    context.lineWidth = 14;
    context.strokeRect(0, 0, this.#size, this.#size);
    context.strokeStyle = 'rgb(150 232 255 / 85%)';
    context.lineWidth = 2;
    context.strokeRect(0, 0, this.#size, this.#size);
  }

  /** Inside the edge only. */
  #drawGrid(context, camera) {
    const [left, right] = this.#span(camera.x, camera.width);
    const [top, bottom] = this.#span(camera.y, camera.height);
    context.fillStyle = '#0b1021';
    context.fillRect(left, top, right - left, bottom - top);
    context.beginPath();
    for (let x = Math.ceil(left / GRID) * GRID; x <= right; x += GRID) {
      context.moveTo(x, top);
      context.lineTo(x, bottom);
    }
    for (let y = Math.ceil(top / GRID) * GRID; y <= bottom; y += GRID) {
      context.moveTo(left, y);
      context.lineTo(right, y);
    }
    context.strokeStyle = 'rgb(130 155 255 / 7%)';
    context.lineWidth = 1;
    context.stroke();
  }

  #span(center, length) {
    return [Math.max(0, center - length / 2), Math.min(this.#size, center + length / 2)];
  }
}

function isSeen({ x, y, radius }, camera) {
  return Math.abs(x - camera.x) < camera.width / 2 + radius && Math.abs(y - camera.y) < camera.height / 2 + radius;
}

function drawRock(context, { x, y, radius, outline, facets }) {
  const light = context.createLinearGradient(x - radius, y - radius, x + radius, y + radius);
  light.addColorStop(0, '#333d63');
  light.addColorStop(1, '#161c33');
  context.fillStyle = light;
  context.fill(outline);
  context.strokeStyle = 'rgb(160 180 255 / 12%)';
  context.lineWidth = 1.5;
  context.stroke(facets);
  context.strokeStyle = '#5a679c';
  context.lineWidth = 2.5;
  context.stroke(outline);
}

/** Always the same for a rock: its corners follow from its place. */
function shape({ x, y, radius }) {
  const chance = random(x * 31 + y);
  const count = 9 + Math.round(radius / 25);
  const corners = Array.from({ length: count }, (_, i) => {
    const angle = ((i + chance() * 0.5) / count) * 2 * Math.PI;
    const reach = radius * (0.94 + chance() * 0.1);
    return [x + Math.cos(angle) * reach, y + Math.sin(angle) * reach];
  });
  const middle = [x - radius * 0.2, y - radius * 0.22];
  const outline = new Path2D();
  const facets = new Path2D();
  corners.forEach(([cornerX, cornerY], i) => {
    outline.lineTo(cornerX, cornerY);
    if (i % 2 === 0) return;
    facets.moveTo(...middle);
    facets.lineTo(cornerX, cornerY);
  });
  outline.closePath();
  return { outline, facets };
}
