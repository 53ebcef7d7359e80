# Installs the SDK into an empty folder and builds the examples against that alone. Checks that each
# .so exports its entry only, and that a plugin with a second export is refused.
file(REMOVE_RECURSE ${WORK_DIR})
set(prefix ${WORK_DIR}/prefix)

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(failed)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "failed: ${command}\n${output}")
  endif()
endfunction()

function(check_exports file)
  execute_process(COMMAND ${NM} -D --defined-only --format=posix ${file} OUTPUT_VARIABLE symbols)
  if(NOT symbols MATCHES "^actord_plugin_entry_v1 [^\n]*\n$")
    message(FATAL_ERROR "${file} exports:\n${symbols}")
  endif()
endfunction()

run(${CMAKE_COMMAND} -DCMAKE_INSTALL_PREFIX=${prefix} -P ${BUILD_DIR}/sdk/cmake_install.cmake)

# By CMake. The sources are copied, so that nothing of the tree is near.
file(COPY ${SOURCE_DIR}/sdk/examples DESTINATION ${WORK_DIR})
foreach(example counter meter greeter)
  set(source ${WORK_DIR}/examples/${example})
  run(${CMAKE_COMMAND} -G ${GENERATOR} -S ${source} -B ${source}/build -DCMAKE_PREFIX_PATH=${prefix}
      -DCMAKE_C_COMPILER=${CC} -DCMAKE_CXX_COMPILER=${CXX})
  run(${CMAKE_COMMAND} --build ${source}/build)
  check_exports(${source}/build/${example}.so)
endforeach()

# By pkg-config.
file(GLOB pc ${prefix}/lib*/pkgconfig ${prefix}/lib/*/pkgconfig)
list(JOIN pc ":" pc_path)
set(ENV{PKG_CONFIG_PATH} ${pc_path})
foreach(option --cflags --libs)
  execute_process(COMMAND pkg-config ${option} actord-sdk OUTPUT_VARIABLE flags${option} RESULT_VARIABLE failed
                  OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(failed)
    message(FATAL_ERROR "pkg-config does not find actord-sdk in ${pc_path}")
  endif()
  separate_arguments(flags${option})
endforeach()
run(${CC} -std=c11 ${flags--cflags} ${WORK_DIR}/examples/counter/counter.c ${flags--libs} -o ${WORK_DIR}/counter.so)
check_exports(${WORK_DIR}/counter.so)
execute_process(COMMAND pkg-config --variable=abi_major actord-sdk OUTPUT_VARIABLE major OUTPUT_STRIP_TRAILING_WHITESPACE)
if(NOT major STREQUAL "1")
  message(FATAL_ERROR "pkg-config says abi_major=${major}")
endif()

# Without an entry there is nothing to load: the build says so.
set(empty ${WORK_DIR}/empty)
file(WRITE ${empty}/empty.c "int unused_;\n")
file(WRITE ${empty}/CMakeLists.txt "cmake_minimum_required(VERSION 3.23)\nproject(empty C)\n"
     "find_package(actord-sdk 0.1 REQUIRED)\nactord_add_plugin(empty empty.c)\n")
run(${CMAKE_COMMAND} -G ${GENERATOR} -S ${empty} -B ${empty}/build -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_C_COMPILER=${CC})
execute_process(COMMAND ${CMAKE_COMMAND} --build ${empty}/build RESULT_VARIABLE failed OUTPUT_VARIABLE output
                ERROR_VARIABLE output)
if(NOT failed OR NOT output MATCHES "and nothing else")
  message(FATAL_ERROR "a plugin without an entry was built:\n${output}")
endif()
