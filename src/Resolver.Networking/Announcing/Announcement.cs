// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;

namespace Resolver.Networking.Announcing;

/// <summary>What is said about one endpoint, until it was said often enough or the endpoint goes. Nothing is sent after <see cref="Dispose"/> has returned.</summary>
internal sealed class Announcement : IDisposable
{
    private readonly Lock _lock = new();
    private readonly ImmutableArray<byte[]> _frames;
    private readonly Func<ImmutableArray<byte[]>, bool> _send;
    private readonly Action<Announcement> _done;
    private readonly ITimer _timer;
    private int _left;

    /// <param name="frames">What to send.</param>
    /// <param name="count">How often.</param>
    /// <param name="send">Sends; false when there is nobody to send to any more.</param>
    /// <param name="done">Called once, when no more is sent.</param>
    /// <param name="timeProvider">Gives the timer.</param>
    internal Announcement(
        ImmutableArray<byte[]> frames, int count, Func<ImmutableArray<byte[]>, bool> send, Action<Announcement> done, TimeProvider timeProvider)
    {
        _frames = frames;
        _left = count;
        _send = send;
        _done = done;
        _timer = timeProvider.CreateTimer(_ => Send(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Sends the first at once, on another thread: to reach every port of a big bridge takes milliseconds.</summary>
    internal void Start(TimeSpan interval) => _timer.Change(TimeSpan.Zero, interval);

    public void Dispose()
    {
        lock (_lock)
        {
            _left = 0;
            _timer.Dispose();
        }
    }

    private void Send()
    {
        lock (_lock)
        {
            if (_left == 0)
            {
                return;
            }

            _left = _send(_frames) ? _left - 1 : 0;
            if (_left > 0)
            {
                return;
            }

            _timer.Dispose();
        }

        _done(this);
    }
}
