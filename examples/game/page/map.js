import { VIEW } from '../shared/rules.js';
import { color } from './colors.js';

/** The arena in small: the rocks, what the player sees of it, and who is there. */
export class Minimap {
  #canvas = document.querySelector('#map');

  draw(view, camera, session) {
    const context = this.#canvas.getContext('2d');
    const scale = this.#canvas.width / session.size;
    const dot = (x, y, radius, style) => {
      context.beginPath();
      context.arc(x * scale, y * scale, radius, 0, 2 * Math.PI);
      context.fillStyle = style;
      context.fill();
    };
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    for (const { x, y, radius } of session.rocks) dot(x, y, radius * scale, 'rgb(130 155 255 / 22%)');
    context.strokeStyle = 'rgb(160 190 255 / 35%)';
    const [width, height] = [Math.min(VIEW.width, camera.width), Math.min(VIEW.height, camera.height)];
    context.strokeRect((camera.x - width / 2) * scale, (camera.y - height / 2) * scale, width * scale, height * scale);
    for (const ship of view.ships) {
      const isMe = ship.id === session.me;
      dot(ship.x, ship.y, isMe ? 3.5 : 2, isMe ? '#ffffff' : color(session.ships.get(ship.id)?.hue ?? 0, 65));
    }
  }
}
