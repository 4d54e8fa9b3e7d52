# A task list with a broken link: the tasks behind it are found from the other end, and gdb is told.
tbreak release_task
continue
set $next = init_task.tasks.next
set var init_task.tasks.next = 0x10
info threads
monitor tasks
set var init_task.tasks.prev = 0x20
info threads
set var init_task.tasks.next = $next
set var init_task.tasks.prev = (struct list_head *)0
info threads
kill
