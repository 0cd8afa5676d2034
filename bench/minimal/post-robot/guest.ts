import postRobot from 'post-robot';

postRobot.on('add', { window: parent, domain: 'https://host.example' }, ({ data: { a, b } }) => a + b);
