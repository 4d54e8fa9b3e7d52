# The image in memory is the image in the file, before paging is on and after.
compare-sections
tbreak start_kernel
continue
compare-sections .text
compare-sections .rodata
set scheduler-locking on
tbreak copy_thread
continue
