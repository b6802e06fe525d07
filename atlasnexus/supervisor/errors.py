"""Why the platform does not start, or stops.

SupervisorError
|-- Refused   it cannot start here; one sentence says why and what to do   exit code 2
|-- GaveUp    a process died again and again                               exit code 1
`-- Stopped   somebody asked it to stop                                    exit code 130
"""


class SupervisorError(Exception):
    exit_code = 1


class Refused(SupervisorError):
    exit_code = 2


class GaveUp(SupervisorError):
    exit_code = 1


class Stopped(SupervisorError):
    exit_code = 130
