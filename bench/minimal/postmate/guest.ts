import Postmate from 'postmate';

await new Postmate.Model({ seven: () => 7 });
