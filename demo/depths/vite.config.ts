import vue from '@vitejs/plugin-vue';
import { page } from '../page.config.ts';

export default page({ plugins: [vue()] });
