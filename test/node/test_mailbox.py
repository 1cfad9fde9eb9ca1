from __future__ import annotations

import threading

from hdnet_ros.node.mailbox import Mailbox


def test_the_newest_item_replaces_the_one_before():
    mailbox = Mailbox()
    assert [mailbox.put(item) for item in 'abc'] == [False, True, True]
    assert mailbox.take() == 'c'
    assert mailbox.put('d') is False


def test_take_waits_for_an_item():
    mailbox, taken = Mailbox(), []
    reader = threading.Thread(target=lambda: taken.append(mailbox.take()))
    reader.start()
    mailbox.put(5)
    reader.join(5)
    assert taken == [5]


def test_closing_lets_the_reader_go_and_drops_what_waits():
    mailbox, taken = Mailbox(), []
    reader = threading.Thread(target=lambda: taken.append(mailbox.take()))
    reader.start()
    mailbox.close()
    reader.join(5)
    assert taken == [None]
    assert mailbox.put(1) is False
    assert mailbox.take() is None
