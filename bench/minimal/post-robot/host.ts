import postRobot from 'post-robot';

const frame = document.querySelector('iframe');
if (frame?.contentWindow) {
  const answer = await postRobot.send(frame.contentWindow, 'add', { a: 1, b: 2 }, { domain: 'https://guest.example' });
  console.log(answer.data);
}
