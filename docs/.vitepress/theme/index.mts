import type { Theme } from 'vitepress';
import DefaultTheme from 'vitepress/theme';
import { h } from 'vue';
import program from '../../../examples/docs/titles.ts?raw';
import './style.css';

/** The default theme, with the program of the README on the start page. */
export default {
  extends: DefaultTheme,
  Layout: () => h(DefaultTheme.Layout, null, { 'home-hero-image': () => h('pre', { class: 'program' }, program) }),
} satisfies Theme;
