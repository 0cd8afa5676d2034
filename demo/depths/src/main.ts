import { createApp } from 'vue';
import Depths from './depths.vue';

createApp(Depths).mount(document.body.appendChild(document.createElement('main')));
