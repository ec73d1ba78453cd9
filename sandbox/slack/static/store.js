// What the server knows, kept current by server-sent events.

export class Store {
  constructor(user, onChange) {
    this.user = user;
    this.channel = "incidents";
    this.data = null;
    this.messages = new Map();
    this.onChange = onChange;
    this.epoch = null;
    this.seen = 0;
    this.pulling = false;
    this.again = false;
  }

  async show(channel) {
    this.channel = channel;
    this.forget();
    await this.pull();
  }

  forget() {
    this.messages.clear();
    this.seen = 0;
  }

  // One request at a time; a change meanwhile asks once more.
  async pull() {
    if (this.pulling) {
      this.again = true;
      return;
    }
    this.pulling = true;
    try {
      do {
        this.again = false;
        await this.fetchChanges();
      } while (this.again);
    } finally {
      this.pulling = false;
    }
  }

  async fetchChanges() {
    const channel = this.channel;
    const query = new URLSearchParams({ channel, user: this.user, since: this.seen });
    const answer = await fetch(`/state?${query}`);
    if (!answer.ok) {
      if (channel !== "incidents") this.channel = "incidents";
      this.again = channel !== "incidents";
      return;
    }
    const data = await answer.json();
    if (channel !== this.channel) {
      this.again = true;
      return;
    }
    if (this.epoch !== null && this.epoch !== data.epoch) {
      this.forget();
      this.again = true;
    }
    this.epoch = data.epoch;
    if (this.again) return;
    this.seen = data.version;
    this.data = data;
    for (const message of data.messages) {
      if (message.deleted && !message.reply_count) this.messages.delete(message.ts);
      else this.messages.set(message.ts, message);
    }
    this.onChange();
  }

  listen(onConnection) {
    const source = new EventSource("/stream");
    source.onmessage = (event) => {
      onConnection(true);
      const { epoch, version } = JSON.parse(event.data);
      if (epoch !== this.epoch || version > this.seen) this.pull().catch(() => onConnection(false));
    };
    source.onerror = () => onConnection(false);
  }

  ordered() {
    return [...this.messages.values()].sort((one, other) => (one.ts < other.ts ? -1 : 1));
  }

  inChannel() {
    return this.ordered().filter((message) => !message.thread_ts || message.thread_ts === message.ts || message.broadcast);
  }

  inThread(ts) {
    return this.ordered().filter((message) => message.ts === ts || message.thread_ts === ts);
  }

  get names() {
    const { users, channels, usergroups } = this.data;
    const user = (id) => users.find((each) => each.id === id);
    return {
      me: this.data.me,
      user: (id) => (user(id)?.is_bot ? user(id).name : user(id)?.real_name) ?? id,
      channel: (id) => channels.find((each) => each.id === id)?.name ?? id,
      group: (id) => usergroups[id] ?? id,
      people: () => users.filter((each) => !each.is_bot),
      channels: () => channels,
      profile: (id) => user(id) ?? { id, real_name: id, name: id, is_bot: false },
    };
  }

  // An action of the person looking at the page; the answer is Slack's envelope.
  async post(action, body) {
    const answer = await fetch(`/ui/${action}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ user: this.user, ...body }),
    });
    return answer.json();
  }
}
