import react from '@vitejs/plugin-react';
import { page } from '../page.config.ts';

export default page({ plugins: [react()] });
