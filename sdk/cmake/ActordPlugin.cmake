# actord_add_plugin(NAME source...): NAME.so, as a host wants it.
#
# A MODULE without `lib` prefix that exports actord_plugin_entry_v1 and nothing else (hidden
# visibility, version script, checked after the link), has no undefined symbol, and resolves all of
# them at load. Include directories and libraries are added with the usual target_* commands.
function(actord_add_plugin name)
  set(version_script ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/actord-plugin.map)
  add_library(${name} MODULE ${ARGN})
  target_link_libraries(${name} PRIVATE actord::sdk)
  set_target_properties(${name} PROPERTIES
    PREFIX ""
    SUFFIX .so
    POSITION_INDEPENDENT_CODE ON
    C_VISIBILITY_PRESET hidden
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS ${version_script})
  # STB_GNU_UNIQUE symbols would tie two generations of one plugin together. Only GCC emits them.
  target_compile_options(${name} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>)
  target_link_options(${name} PRIVATE
    -Wl,--version-script=${version_script}
    -Wl,-z,now -Wl,-z,relro -Wl,--exclude-libs,ALL -Wl,--build-id)
  # A sanitizer's runtime is in the host and stays undefined here.
  if(NOT ACTORD_SANITIZE)
    target_link_options(${name} PRIVATE -Wl,-z,defs)
  endif()
  add_custom_command(TARGET ${name} POST_BUILD VERBATIM
    COMMAND ${CMAKE_COMMAND} -DNM=${CMAKE_NM} -DFILE=$<TARGET_FILE:${name}> -P ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/ActordCheckPlugin.cmake)
endfunction()
