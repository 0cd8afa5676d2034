import { page } from '../page.config.ts';

export default page({ input: ['index.html', 'twin.html', 'taken.html'] });
