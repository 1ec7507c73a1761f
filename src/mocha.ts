import './interop/install.ts';
import { installMocha } from './testing/green-mocha.ts';

// mocha --require greenlets/mocha
installMocha();
