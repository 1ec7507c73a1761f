/** Colours by their hue, which goes from 0 to 255. */
export function color(hue, lightness = 62, alpha = 1) {
  return `hsl(${(hue / 256) * 360} 90% ${lightness}% / ${alpha})`;
}

const SIZE = 64;
const glows = new Map();

/** A picture of light of that colour, made once. */
export function glow(hue) {
  const key = hue & 0xf0;
  let picture = glows.get(key);
  if (picture === undefined) {
    picture = new OffscreenCanvas(SIZE, SIZE);
    const context = picture.getContext('2d');
    const light = context.createRadialGradient(SIZE / 2, SIZE / 2, 0, SIZE / 2, SIZE / 2, SIZE / 2);
    light.addColorStop(0, color(key, 70, 0.9));
    light.addColorStop(0.25, color(key, 60, 0.35));
    light.addColorStop(1, color(key, 50, 0));
    context.fillStyle = light;
    context.fillRect(0, 0, SIZE, SIZE);
    glows.set(key, picture);
  }
  return picture;
}

/** Light of `radius` around a place. */
export function drawGlow(context, x, y, radius, hue) {
  context.globalCompositeOperation = 'lighter';
  context.drawImage(glow(hue), x - radius, y - radius, 2 * radius, 2 * radius);
  context.globalCompositeOperation = 'source-over';
}
