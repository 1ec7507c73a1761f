/** What is behind the start screen: an arena without anybody, passing by slowly. */
import { random } from './chance.js';
import { drawGlow } from './colors.js';
import { Ground } from './ground.js';

const SIZE = 3600;
const chance = random(2026);
const rocks = Array.from({ length: 60 }, () => ({
  x: chance() * SIZE,
  y: chance() * SIZE,
  radius: 40 + chance() * 80,
}));
const apart = rocks.filter((rock, i) =>
  rocks.slice(0, i).every(({ x, y, radius }) => Math.hypot(x - rock.x, y - rock.y) > radius + rock.radius + 60),
);
const lights = Array.from({ length: 160 }, () => ({ x: chance() * SIZE, y: chance() * SIZE, hue: chance() * 256 }));
const ground = new Ground(SIZE, apart);

export function drawScenery(context, camera, time) {
  const angle = time / 40_000;
  camera.lookAt({ x: SIZE / 2 + Math.cos(angle) * 700, y: SIZE / 2 + Math.sin(angle) * 900 }, 0);
  camera.apply(context);
  ground.draw(context, camera);
  for (const { x, y, hue } of lights) drawGlow(context, x, y, 16 + 6 * Math.sin(time / 600 + x), hue);
}
