"""People in metres from one camera: HDNet and everything around it.

The generated interfaces (``hdnet_ros.msg``) are installed beside these modules; when the modules are used
from a source folder, the search path is extended so that both are found under one name.
"""
from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)
