  .section .rodata.headrace_openapi,"a",@progbits
  .global headrace_openapi_begin
  .global headrace_openapi_end
headrace_openapi_begin:
  .incbin "openapi.json"
headrace_openapi_end:
  .section .note.GNU-stack,"",@progbits
