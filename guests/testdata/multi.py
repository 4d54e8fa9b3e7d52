# What a program does with multiprocessing, all of it by fork: queues, a pool, pipes, locks, events, barriers, shared memory,
# a manager, which is a server on a named socket, and a connection sent to another process.
import multiprocessing as mp
from multiprocessing import shared_memory


def produce(queue, n):
    queue.put((n, n * n))


def square(x):
    return x * x


def count(lock, total):
    for _ in range(50):
        with lock:
            total.buf[0] += 1


def answer(connection):
    connection.send({"answer": connection.recv() + 1})


def note(shared, n):
    shared[n] = n * n


def speak(queue):
    queue.get().send("through the queue")


def meet(barrier, event):
    barrier.wait()
    event.set()


if __name__ == "__main__":
    mp.set_start_method("fork")

    queue = mp.Queue()
    workers = [mp.Process(target=produce, args=(queue, n)) for n in range(3)]
    for w in workers:
        w.start()
    print(sorted(queue.get() for _ in workers))
    for w in workers:
        w.join()

    with mp.Pool(3) as pool:
        print(pool.map(square, range(10)))

    here, there = mp.Pipe()
    worker = mp.Process(target=answer, args=(there,))
    worker.start()
    here.send(41)
    print(here.recv())
    worker.join()

    total = shared_memory.SharedMemory(create=True, size=16)
    total.buf[0] = 0
    lock = mp.Lock()
    workers = [mp.Process(target=count, args=(lock, total)) for _ in range(4)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    print(total.buf[0], [w.exitcode for w in workers])
    total.close()
    total.unlink()

    barrier, event = mp.Barrier(2), mp.Event()
    worker = mp.Process(target=meet, args=(barrier, event))
    worker.start()
    barrier.wait()
    print(event.wait())
    worker.join()

    with mp.Manager() as manager:
        shared = manager.dict()
        workers = [mp.Process(target=note, args=(shared, n)) for n in range(3)]
        for w in workers:
            w.start()
        for w in workers:
            w.join()
        print(sorted(shared.items()))

    worker = mp.Process(target=speak, args=(queue,))
    worker.start()
    queue.put(there)
    print(here.recv())
    worker.join()
