import { page } from '../page.config.ts';
import { attacksPlugin } from './attacks-plugin.ts';
import { recordPlugin } from './record-plugin.ts';

export default page({ plugins: [recordPlugin(), attacksPlugin()] });
